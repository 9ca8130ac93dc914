/** To the clipboard. The browser's own way is there for pages of https and of this machine alone, so there is the old one, too. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  // Within the page, or it could not be selected; the focus goes back to where it was.
  const focused = document.activeElement;
  box.style.position = "fixed";
  box.style.opacity = "0";
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!isCopied) throw new Error("The browser does not let this page write to the clipboard.");
}
