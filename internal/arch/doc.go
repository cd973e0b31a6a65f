// Package arch holds Foyer to its plan: the arrows between its packages, what
// they may import from outside, what they may keep, and what the container image
// must be. It is tests and nothing else; nothing imports it. A change of the plan
// is a change of the tables here, with a reason, and of docs/design.md.
package arch
