import { Mark } from '../icons.tsx'

/** Beside the list, while no conversation is open. */
export const NoConversation = () => (
  <section class="no-conversation">
    <Mark size={64} />
    <p>Choose a conversation, or search for somebody to talk to.</p>
  </section>
)
