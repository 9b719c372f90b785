"""What every part shares and nothing of it touches the outside: ids, clock, errors, actors."""
