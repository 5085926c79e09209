NpyInspect.main()
