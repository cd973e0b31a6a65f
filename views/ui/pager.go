package ui

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// The query parameters of a paged list.
const (
	PageParameter = "page"
	SizeParameter = "size"
)

// PagerProps describe where in a list a page is. Empty addresses are ways that
// can't be gone. NewPager computes them.
type PagerProps struct {
	From, To, Total             int
	Page, Pages                 int
	First, Previous, Next, Last string
	// AtLeast says that there may be more than Total, and pages behind the last one.
	AtLeast bool
	// Action and Keep are the 'go to page' form's.
	Action string
	Keep   []Parameter
	// Sizes are the lengths of a page to choose from.
	Sizes []PageSize
}

// PageSize is one length of a page to choose.
type PageSize struct {
	Size    int
	Href    string
	Current bool
}

// NewPager computes a pager for the list at path with the given query, showing
// the one-based page of size entries out of total. The query's own page and
// size are replaced; everything else in it is kept. A page beyond the last
// counts as the last.
func NewPager(path string, query url.Values, page, size, total int, sizes []int) PagerProps {
	size = max(size, 1)
	pages := max((total+size-1)/size, 1)
	page = min(max(page, 1), pages)
	at := func(page, size int) string {
		q := url.Values{}
		maps.Copy(q, query)
		q.Set(PageParameter, strconv.Itoa(page))
		q.Set(SizeParameter, strconv.Itoa(size))
		return path + "?" + q.Encode()
	}

	p := PagerProps{
		From: min((page-1)*size+1, total), To: min(page*size, total), Total: total,
		Page: page, Pages: pages, Action: path,
		Keep: append(Parameters(query, PageParameter, SizeParameter), Parameter{SizeParameter, strconv.Itoa(size)}),
	}
	if page > 1 {
		p.First, p.Previous = at(1, size), at(page-1, size)
	}
	if page < pages {
		p.Next, p.Last = at(page+1, size), at(pages, size)
	}
	for _, s := range sizes {
		p.Sizes = append(p.Sizes, PageSize{Size: s, Href: at(1, s), Current: s == size})
	}
	return p
}

// AndMore is the pager of a list that may have more than its total tells: next leads on
// from its last page.
func (p PagerProps) AndMore(next string) PagerProps {
	if p.AtLeast = true; p.Page == p.Pages {
		p.Next = next
	}
	p.Last = ""
	return p
}

// of says of how many something is one.
func (p PagerProps) of(n int) string {
	if p.AtLeast {
		return "of at least " + Number(n)
	}
	return "of " + Number(n)
}

// Parameters lists a query's names and values in a stable order, without the
// names given: what a GET form keeps in hidden fields.
func Parameters(query url.Values, without ...string) []Parameter {
	names := make([]string, 0, len(query))
	for name := range query {
		if !slices.Contains(without, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var parameters []Parameter
	for _, name := range names {
		for _, value := range query[name] {
			parameters = append(parameters, Parameter{name, value})
		}
	}
	return parameters
}
