"""What questions teach: gaps, the curve behind the threshold, reports."""
