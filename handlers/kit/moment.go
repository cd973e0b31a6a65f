package kit

import (
	"regexp"
	"strings"
	"time"
)

// moment is a day, or a day and a time: as people type it, as controls of browsers send
// it, and as Foyer's own pages, files and log write it.
var moment = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:(?:[Tt]| +)(\d{2}:\d{2})(:\d{2})?([.,]\d{1,9})? *([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$`)

// ParseMoment reads a day, or a day and a time, in UTC unless it says which offset it
// has: when it begins, and when it is over, which is as long after as it is exact. ok is
// false when it is neither.
func ParseMoment(s string) (begin, end time.Time, ok bool) {
	parts := moment.FindStringSubmatch(strings.TrimSpace(s))
	if parts == nil {
		return time.Time{}, time.Time{}, false
	}
	day, minute, second, fraction, offset := parts[1], parts[2], parts[3], parts[4], parts[5]
	if fraction != "" && second == "" {
		return time.Time{}, time.Time{}, false
	}
	if minute == "" {
		begin, err := time.Parse(time.DateOnly, day)
		return begin, begin.AddDate(0, 0, 1), err == nil && begin.Year() > 0
	}
	length, text, layout := time.Minute, day+" "+minute, "2006-01-02 15:04"
	if second != "" {
		length, text, layout = time.Second, text+second, layout+":05"
	}
	if fraction != "" {
		text += "." + fraction[1:]
		for range fraction[1:] {
			length /= 10
		}
	}
	if sign := strings.TrimLeft(offset, "ZzUTCGM"); sign != "" {
		hours, minutes := sign[:3], strings.TrimPrefix(sign[3:], ":")
		text, layout = text+hours+":"+(minutes + "00")[:2], layout+"-07:00"
	}
	begin, err := time.Parse(layout, text)
	return begin.UTC(), begin.UTC().Add(length), err == nil && begin.Year() > 0
}
