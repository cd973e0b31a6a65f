package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"foyer/portal/directory"
	"foyer/sapi"
)

// personRecord is a person as known. It is one column, and the others of its table are
// what people are found, filtered and sorted by: to read a hundred people from twenty
// columns takes longer than to find them.
type personRecord struct {
	id, email, firstName, lastName, displayName, phone, department, title, location string

	symphonyUserID, createdAt, updatedAt, readAt, source, status, statusAt, notListedAt int64
}

// texts are what is packed, in this order, and then numbers.
func (r *personRecord) texts() [9]*string {
	return [...]*string{&r.id, &r.email, &r.firstName, &r.lastName, &r.displayName, &r.phone, &r.department, &r.title, &r.location}
}

func (r *personRecord) numbers() [8]*int64 {
	return [...]*int64{&r.symphonyUserID, &r.createdAt, &r.updatedAt, &r.readAt, &r.source, &r.status, &r.statusAt, &r.notListedAt}
}

// numberBase makes numbers short.
const numberBase = 36

// pack gives the record as one text: each part behind its length in bytes and a colon.
func (r *personRecord) pack() string {
	packed := make([]byte, 0, 256)
	for _, s := range r.texts() {
		packed = strconv.AppendInt(packed, int64(len(*s)), 10)
		packed = append(append(packed, ':'), *s...)
	}
	var digits [20]byte
	for _, n := range r.numbers() {
		number := strconv.AppendInt(digits[:0], *n, numberBase)
		packed = strconv.AppendInt(packed, int64(len(number)), 10)
		packed = append(append(packed, ':'), number...)
	}
	return string(packed)
}

// errRecord is damage that the database itself can't see.
var errRecord = fmt.Errorf("%w: the record of a person in the directory can't be read", errDamaged)

// unpack reads what pack gave.
func (r *personRecord) unpack(packed string) error {
	var err error
	next := func() string {
		length, rest, _ := strings.Cut(packed, ":")
		n, bad := strconv.Atoi(length)
		if bad != nil || n < 0 || n > len(rest) {
			err, packed = errRecord, ""
			return ""
		}
		packed = rest[n:]
		return rest[:n]
	}
	for _, s := range r.texts() {
		*s = next()
	}
	for _, n := range r.numbers() {
		number, bad := strconv.ParseInt(next(), numberBase, 64)
		if bad != nil {
			err = errRecord
		}
		*n = number
	}
	if packed != "" || !r.sound() {
		err = errRecord
	}
	return err
}

// The first and the last time that can be written as a date, of the years 0 and 9999, in
// microseconds.
const (
	firstMoment = -62_167_219_200_000_000
	lastMoment  = 253_402_300_800_000_000 - 1
)

// moment is a time as a record has it. One that can't be written as a date, which Symphony
// may send, is none.
func moment(t time.Time) int64 {
	if us := micros(t); us >= firstMoment && us <= lastMoment {
		return us
	}
	return 0
}

// sound says whether the numbers can be what was packed: others would be shown, sent to
// files and counted as though they were.
func (r *personRecord) sound() bool {
	for _, us := range []int64{r.createdAt, r.updatedAt, r.readAt, r.statusAt, r.notListedAt} {
		if us < firstMoment || us > lastMoment {
			return false
		}
	}
	return r.status >= int64(sapi.StatusUnknown) && r.status <= int64(sapi.StatusDisabled) &&
		r.source >= 0 && r.source <= int64(directory.FromChange)
}
