// What a browser must do itself. Loaded before the page is drawn, so that it appears in the right colours at once.
window.dashboard = {
    // "light", "dark", or as the system has it where nothing was chosen.
    theme() {
        return localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    },
    applyTheme() {
        const theme = dashboard.theme();
        document.documentElement.style.colorScheme = theme;
        for (const sheet of document.querySelectorAll("link[data-theme]"))
            sheet.media = sheet.dataset.theme === theme ? "all" : "not all";
    },
    toggleTheme() {
        localStorage.setItem("theme", dashboard.theme() === "dark" ? "light" : "dark");
        dashboard.applyTheme();
    },
    // Whoever has scrolled into a list reads: nothing should move then.
    isScrolled() {
        return (document.querySelector(".list.scroll")?.scrollTop ?? 0) > 0;
    },
    // Scrolls a list to a row that is not to be seen; most of a long list's rows are not drawn.
    showRow(index, height) {
        const list = document.querySelector(".list.scroll");
        if (!list)
            return;
        const room = list.clientHeight - (list.querySelector(".head")?.offsetHeight ?? 0);
        const top = index * height;
        if (top < list.scrollTop || top + height > list.scrollTop + room)
            list.scrollTop = top - (room - height) / 2;
    },
    // A console stays at its end, unless somebody has scrolled up.
    followConsole() {
        const console = document.querySelector(".console");
        if (!console)
            return;
        if (console.isAway === undefined) {
            console.isAway = false;
            let last = 0;
            console.addEventListener("scroll", () => {
                if (console.scrollHeight - console.scrollTop - console.clientHeight < 40)
                    console.isAway = false;
                else if (console.scrollTop < last - 1)
                    console.isAway = true;
                last = console.scrollTop;
            });
        }
        if (!console.isAway)
            console.scrollTop = console.scrollHeight;
    },
};
dashboard.applyTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dashboard.applyTheme);

// Anything with data-copy copies it, and says so for a moment.
document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button)
        return;
    event.preventDefault();
    await navigator.clipboard.writeText(button.dataset.copy);
    const icon = button.querySelector(".rzi");
    if (!icon)
        return;
    const before = icon.textContent;
    icon.textContent = "check";
    setTimeout(() => icon.textContent = before, 1000);
});

// Arrow keys go from row to row; / goes to the search.
document.addEventListener("keydown", event => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) {
        const search = document.querySelector("input[type=search]");
        if (search) {
            event.preventDefault();
            search.focus();
        }
        return;
    }
    const row = event.target.closest("[data-row]");
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!row || !step)
        return;
    event.preventDefault();
    let next = row[step];
    while (next && !next.matches("[data-row]"))
        next = next[step];
    next?.focus();
});
