package companies

import (
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/directory"
	pages "foyer/views/companies"
	"foyer/views/figures"
	"foyer/views/ui"
)

// figures fills in the pictures of a company that is ready. Where its people can't be
// counted, the page says so in the picture's place.
func (h *Handlers) figures(c echo.Context, company directory.Company, page *pages.ShowPage) error {
	ctx, a := c.Request().Context(), kit.Actor(c)
	days, uncounted := h.Directory.StatusDays(ctx, a, page.ID)
	builds, err := h.Directory.Builds(ctx, a)
	if err != nil {
		return err
	}
	page.Build = buildFigure(builds, page.ID, h.buildTime())
	if uncounted != nil {
		h.Logger.WarnContext(ctx, "statuses not counted", "request", kit.RequestID(c), "error", kit.Loggable(uncounted))
		page.Statuses = &pages.Statuses{Words: "Foyer’s own store could not be read, so that this is not known now."}
		return nil
	}
	if nobody := company.People == 0 && !company.PeopleReadAt.IsZero(); !nobody || !days.Since.IsZero() {
		page.Statuses = statusesFigure(days, h.Now())
	}
	return nil
}

// statusesFigure maps how many people of a company were active and disabled over time.
func statusesFigure(s directory.StatusDays, now time.Time) *pages.Statuses {
	switch {
	case s.Since.IsZero():
		return &pages.Statuses{Words: "Nobody’s status has been read yet. Foyer reads them by itself, and this will show what became of them."}
	case s.TooMany:
		return &pages.Statuses{Words: "This company has too many people to count them day by day for a page."}
	}
	f := &pages.Statuses{
		Aside: "last " + ui.Count(len(s.Days), "day", "days") + ", counted at " + ui.Clock(s.At) + " UTC",
		Days: &figures.Days{
			ID: "statuses", Title: "How many people were active and disabled at the end of each day",
			Note: "At the end of each day (UTC), as far as Foyer read it; it read a status for the first time " + ui.On(s.Since, now) + ". Of people who are “not observed” it isn’t known: they were not read yet, or changed between two readings.",
		},
	}
	if !s.Whole {
		f.Days.Note += " The company’s list isn’t read to its end yet, so there are more people than these."
	}
	for _, d := range s.Days {
		f.Days.Days = append(f.Days.Days, figures.Day{Day: d.Day, Active: d.Active, Disabled: d.Disabled, NotObserved: d.NotObserved})
	}
	return f
}

// buildFigure compares how long a company took to build with the others; nil when it
// isn't known.
func buildFigure(b *directory.Builds, companyID, usual string) *figures.Bars {
	own, known := b.Of(companyID)
	if !known {
		return nil
	}
	took, median := wording.Briefly(own.Took), wording.Briefly(b.Median)
	return &figures.Bars{
		ID: "build", Title: "How long Symphony took to build this company, and others", Head: "Company", Unit: "Took", Kinds: []figures.Kind{{Class: figures.ClassPlain}},
		Desc: "This company " + took + ", the median of " + ui.Count(len(b.Known), "company", "companies") + " " + median + ".",
		Note: "From when Symphony created it until Foyer saw that it was ready. Symphony says about " + usual + ".",
		Rows: []figures.Bar{
			{Label: "This company", Words: took, Parts: []figures.Part{{Value: int(own.Took / time.Second), Words: took}}},
			{Label: "Median of " + ui.Count(len(b.Known), "company", "companies"), Words: median, Parts: []figures.Part{{Value: int(b.Median / time.Second), Words: median}}},
		},
	}
}
