Defib.main()
