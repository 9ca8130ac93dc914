/** Where Headgate's own paths begin: the page's base is `…/dashboard/`, whatever prefix stands before it. */
export const BASE_URL: string = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** The path under which the views are. */
export const BASE_PATH: string = new URL(".", document.baseURI).pathname.replace(/\/$/, "");
