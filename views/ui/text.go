package ui

import (
	"strconv"
	"strings"
	"time"
)

// Link is a word that leads somewhere. Href is a path within Foyer or an
// absolute https address; templ refuses other schemes.
type Link struct {
	Label string
	Href  string
}

// Number writes an integer with a comma between thousands: 12,004.
func Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	head := len(digits) % 3
	groups := make([]string, 0, len(digits)/3+1)
	if head > 0 {
		groups = append(groups, digits[:head])
	}
	for i := head; i < len(digits); i += 3 {
		groups = append(groups, digits[i:i+3])
	}
	return sign + strings.Join(groups, ",")
}

// Count writes a number with its noun: "1 person", "12,004 people".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

const day = 24 * time.Hour

// Relative says how long before now an instant was: "just now", "12 s ago",
// "6 min ago", "2 h ago", "3 d ago", or, beyond thirty days, its UTC date.
// Instants after now read "in 6 min". static/app.js keeps the words of an open
// page fresh by the same rules: change both together.
func Relative(at, now time.Time) string {
	past := now.Sub(at)
	words, near := span(past.Abs())
	switch {
	case !near:
		return at.UTC().Format(time.DateOnly)
	case words == "":
		return "just now"
	case past < 0:
		return "in " + words
	}
	return words + " ago"
}

// span is a duration in its largest unit: empty below five seconds, and not
// near beyond thirty days.
func span(d time.Duration) (words string, near bool) {
	switch {
	case d < 5*time.Second:
		return "", true
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s", true
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min", true
	case d < day:
		return strconv.Itoa(int(d/time.Hour)) + " h", true
	case d < 30*day:
		return strconv.Itoa(int(d/day)) + " d", true
	}
	return "", false
}

// On says on which UTC day an instant was, and on this day and the one before when:
// "today at 09:14 UTC", "on 2026-11-02".
func On(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	switch today := now.Truncate(day); {
	case !at.Before(today.Add(day)) || at.Before(today.Add(-day)):
		return "on " + at.Format(time.DateOnly)
	case !at.Before(today):
		return "today at " + at.Format("15:04 UTC")
	}
	return "yesterday at " + at.Format("15:04 UTC")
}

// ShortDay is a UTC day where there is little room, and the time of this day.
func ShortDay(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format(time.DateOnly)
}

// Elapsed writes a duration as people say it while they wait: "6 min 5 s",
// "1 h 20 min", "12 s".
func Elapsed(d time.Duration) string {
	d = max(d, 0)
	hours, minutes, seconds := int(d/time.Hour), int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case hours > 0:
		return strconv.Itoa(hours) + " h " + strconv.Itoa(minutes) + " min"
	case minutes > 0:
		return strconv.Itoa(minutes) + " min " + strconv.Itoa(seconds) + " s"
	}
	return strconv.Itoa(seconds) + " s"
}

// UTC writes an instant to the second: "2026-03-01 09:00:00 UTC".
func UTC(at time.Time) string {
	return at.UTC().Format(utcLayout)
}

// Clock writes the time of day in UTC, for 'as of 09:41:07'.
func Clock(at time.Time) string {
	return at.UTC().Format(time.TimeOnly)
}

// When writes an instant in UTC where only its time of the day is news: "09:41:07 UTC",
// and with its date, as UTC does, where that is another than now's.
func When(at, now time.Time) string {
	if at.UTC().Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return Clock(at) + " UTC"
	}
	return UTC(at)
}

// How times are written for people, and for programs: everywhere in this one way, days as
// in 2026-03-01.
const (
	utcLayout     = "2006-01-02 15:04:05 UTC"
	machineLayout = time.RFC3339
)
