import type { AttachmentView } from '@wecc/protocol'
import { fileSize } from '@wecc/ui'
import { Download, FileText, ImageOff, X } from 'lucide-react'
import { useState } from 'react'
import { Button as AriaButton, Dialog, DialogTrigger, Modal, ModalOverlay } from 'react-aria-components'

import { IconButton } from '../controls/button'
import { useLocale, useTexts } from '../texts'

const address = (attachment: AttachmentView): string => `/api/v1/attachments/${attachment.id}`

const THUMB_W_PX = 260
const THUMB_H_PX = 200

export function Attachments({ attachments }: { readonly attachments: readonly AttachmentView[] }) {
  if (attachments.length === 0) return null
  return (
    <div className="attachments">
      {attachments.map((one) =>
        one.is_image ? <Picture key={one.id} image={one} /> : <FileCard key={one.id} file={one} />,
      )}
    </div>
  )
}

/** A thumbnail whose room is known before it arrives; opens large. */
function Picture({ image }: { readonly image: AttachmentView }) {
  const { thread } = useTexts()
  const [isMissing, setIsMissing] = useState(false)
  const width = image.width_px ?? THUMB_W_PX
  const height = image.height_px ?? THUMB_H_PX
  const scale = Math.min(1, THUMB_W_PX / width, THUMB_H_PX / height)
  const size = {
    width: Math.max(32, Math.round(width * scale)),
    height: Math.max(32, Math.round(height * scale)),
  }
  if (isMissing)
    return (
      <span className="picture-missing">
        <ImageOff size={16} aria-hidden />
        {thread.imageMissing}
      </span>
    )
  return (
    <DialogTrigger>
      <AriaButton className="picture" aria-label={thread.image(image.name)}>
        <img
          src={address(image)}
          alt={image.name}
          {...size}
          loading="lazy"
          onError={() => setIsMissing(true)}
        />
      </AriaButton>
      <ModalOverlay className="overlay lightbox" isDismissable>
        <Modal>
          <Dialog className="lightbox-dialog" aria-label={image.name}>
            <img src={address(image)} alt={image.name} />
            <footer>
              <span className="clip">{image.name}</span>
              <a href={address(image)} download={image.name}>
                {thread.download}
              </a>
              <IconButton slot="close" icon={X} label={thread.closeImage} keys="Esc" />
            </footer>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  )
}

function FileCard({ file }: { readonly file: AttachmentView }) {
  const { thread } = useTexts()
  const locale = useLocale()
  return (
    <a className="file" href={address(file)} download={file.name}>
      <FileText size={18} strokeWidth={1.5} aria-hidden />
      <span className="clip">{file.name}</span>
      <small>{fileSize(file.size_bytes, locale)}</small>
      <Download size={14} aria-label={thread.download} />
    </a>
  )
}
