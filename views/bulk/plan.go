package bulk

// shape is the class of the shape before a line's words.
func (l PlanLine) shape() string { return l.Status.Kind.Class() }
