return Gradwright.Examples.ExampleProgram.Run(args, Console.Out, Console.Error);
