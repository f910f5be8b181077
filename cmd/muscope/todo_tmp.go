package main

import "context"

func (a *App) demo(context.Context, []string) error    { return nil }
func (a *App) analyze(context.Context, []string) error { return nil }
func (a *App) report(context.Context, []string) error  { return nil }
func (a *App) serve(context.Context, []string) error   { return nil }
