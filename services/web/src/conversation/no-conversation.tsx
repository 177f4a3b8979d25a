/** Beside the list, while no conversation is open. */
export const NoConversation = () => (
  <section class="no-conversation">
    <img src="/icon.svg" alt="" width="64" height="64" />
    <p>Choose a conversation, or begin a new one.</p>
  </section>
)
