package auth

import (
	"net/url"
	"strings"
)

const maxReturnTo = 2048

// localReturn returns the path and query to go on with after sign-in: what was
// asked for if it is a page of ours, else "/". It is strict rather than clever,
// because browsers repair what they are given: they read "/\host" and
// "/<tab>/host" as "//host", another site.
func localReturn(returnTo string, allowed func(path string) bool) string {
	const home = "/"
	if !strings.HasPrefix(returnTo, "/") || strings.HasPrefix(returnTo, "//") || len(returnTo) > maxReturnTo || !isPlain(returnTo) {
		return home
	}
	u, err := url.Parse(returnTo)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	// u.Path is decoded: what hides behind percent signs is looked at too.
	if !isPlain(u.Path) || strings.Contains(u.Path, "//") || hasDotSegment(u.Path) || !allowed(u.Path) {
		return home
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}

// isPlain says that s has no control characters and no backslashes.
func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' })
}

func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
