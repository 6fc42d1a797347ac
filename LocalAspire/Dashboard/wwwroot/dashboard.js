// What a browser must do itself. Loaded before the page is drawn, so that it appears in the right colours at once.
const dashboard = {
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
};
dashboard.applyTheme();
