package companies

import (
	"fmt"
	"net/url"
	"strings"

	"foyer/portal/directory"
)

// publicHref is a public URL where it is safe to link to: https, on a host of
// symphony.com and nothing else. Symphony's answers are not trusted further.
func publicHref(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || !strings.HasSuffix(u.Hostname(), ".symphony.com") {
		return ""
	}
	return u.String()
}

// embedSnippet is the markup with which a page loads Symphony's Embedded Mode
// for a company; empty, with the reason, when there is none to give, and
// without one for a company that is not ready.
func embedSnippet(company directory.Company, partnerID string) (snippet, note string) {
	if !company.State.Ready() {
		return "", ""
	}
	href := publicHref(company.PublicURL)
	if href == "" {
		return "", "Symphony gives no public URL on symphony.com for this company, so there is nothing to embed."
	}
	if partnerID == "" {
		partnerID, note = "YOUR-PARTNER-ID", "Put your partner id in: this Foyer was not told it."
	}
	return fmt.Sprintf("<script src=\"%s/embed/sdk.js\"\n  data-partner-id=\"%s\"></script>",
		escapeAttribute(strings.TrimSuffix(href, "/")), escapeAttribute(partnerID)), note
}

// escapeAttribute makes a value stay within the quotes of an attribute.
func escapeAttribute(value string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(value)
}
