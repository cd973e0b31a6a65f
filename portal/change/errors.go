package change

import "errors"

// ErrUnrecorded says that a change reached Symphony and its outcome could not
// be written to the ledger: the change is settled again later.
var ErrUnrecorded = errors.New("outcome not recorded")

// ErrStaleChange is returned by Store.UpdateChange when somebody else updated
// the change in between.
var ErrStale = errors.New("change was updated by somebody else")
