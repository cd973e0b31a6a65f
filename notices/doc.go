// Package notices owns how somebody hears of what Foyer did while they were away: by mail,
// and by a signed web hook. It must not know what a notice is about, nor who may hear it: it
// is told the words and the person. Nothing of a notice gets into an error.
//
// Package command makes it, and has jobs send notices.
package notices
