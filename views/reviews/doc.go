// Package reviews owns the pages of access reviews: the lists with the form that
// starts one, a review with its people and the choices about them, and its end.
//
// The note of whom a review wants disabled, which other pages show, is package views'.
// Only handlers/reviews imports it, as pages.
package reviews
