package home

import (
	"cmp"
	"strconv"
	"time"

	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/views"
	"foyer/views/figures"
	pages "foyer/views/home"
	"foyer/views/ui"
)

// drawnBuilds is how many companies are drawn by how long they took.
const drawnBuilds = 10

// peopleFigure maps how many people the largest companies have.
func peopleFigure(by directory.LargestCompanies, now time.Time) pages.Figure {
	if by.Down != nil {
		return pages.Figure{Words: "Nobody was counted. " + wording.DirectoryDown(by.Down)}
	}
	f := pages.Figure{Aside: wording.Coverage(by.Coverage, now).Words}
	sum := by.Others
	bars := figures.Bars{
		ID: "people-by-company", Title: "People by company", Head: "Company", Unit: "People",
		Kinds: []figures.Kind{{Word: "Active", Class: figures.ClassActive}, {Word: "Disabled", Class: figures.ClassDisabled}, {Word: "Unknown", Class: figures.ClassUnknown}},
	}
	for _, c := range by.Largest {
		bar := peopleBar(c.Name, c.Tally)
		bar.Href = views.PeoplePath(c.ID)
		switch {
		case !c.Whole && c.Listed() == 0:
			bar.Words, bar.Note = "", "not read yet"
		case !c.Whole:
			bar.Note = "so far"
		}
		bars.Rows = append(bars.Rows, bar)
		sum = sum.Plus(c.Tally)
	}
	if by.OtherCompanies > 0 {
		bars.Rows = append(bars.Rows, peopleBar(ui.Count(by.OtherCompanies, "other company", "other companies"), by.Others))
	}
	switch {
	case by.Coverage.Companies == 0:
		f.Words, f.Aside = "No company is ready yet, and so none has people.", ""
		return f
	case sum.Listed() == 0 && by.Coverage.Read == 0:
		f.Words = "No company’s people have been read yet. Foyer reads them by itself."
		return f
	}
	bars.Desc = ui.Count(sum.Listed(), "person", "people") + ": " + ui.Number(sum.Active) + " active, " + ui.Number(sum.Disabled) + " disabled, of " + ui.Number(sum.Unknown) + " the status is unknown."
	f.Bars = &bars
	return f
}

func peopleBar(label string, t directory.Tally) figures.Bar {
	return figures.Bar{Label: label, Words: ui.Number(t.Listed()), Parts: []figures.Part{
		{Value: t.Active, Words: ui.Number(t.Active)}, {Value: t.Disabled, Words: ui.Number(t.Disabled)}, {Value: t.Unknown, Words: ui.Number(t.Unknown)},
	}}
}

// buildsFigure maps how long the last companies took to build.
func buildsFigure(b *directory.Builds, usual string) pages.Figure {
	var f pages.Figure
	if len(b.Known) == 0 {
		f.Words = "Not known of any company yet: Foyer has not seen one become ready. Symphony says about " + usual + "."
		return f
	}
	shown := b.Known[:min(len(b.Known), drawnBuilds)]
	f.Bars = &figures.Bars{
		ID: "builds", Title: "How long Symphony took to build the last companies, the newest first", Head: "Company", Unit: "Took",
		Desc: "The median of " + ui.Count(len(b.Known), "company", "companies") + " is " + wording.Briefly(b.Median) + ".",
		Mark: &figures.Mark{Value: seconds(b.Median), Words: "median " + wording.Briefly(b.Median)}, Kinds: []figures.Kind{{Class: figures.ClassPlain}},
		Note: buildsNote(len(shown), len(b.Known), b.NotKnown) + " Symphony says about " + usual + ".",
	}
	for _, k := range shown {
		took := wording.Briefly(k.Took)
		f.Bars.Rows = append(f.Bars.Rows, figures.Bar{Label: cmp.Or(k.Name, k.ID), Href: views.CompanyPath(k.ID), Words: took, Parts: []figures.Part{{Value: seconds(k.Took), Words: took}}})
	}
	return f
}

// buildsNote says of which companies there are bars, and what they mean.
func buildsNote(shown, known, notKnown int) string {
	note := "From when Symphony created a company until Foyer saw that it was ready."
	if shown < known {
		note += " The last " + strconv.Itoa(shown) + " of " + ui.Count(known, "company", "companies") + " for which it is known."
	}
	if notKnown > 0 {
		note += " Not known for " + ui.Count(notKnown, "other company", "other companies") + ", which Foyer did not see being built."
	}
	return note
}

func seconds(d time.Duration) int { return int(d / time.Second) }
