"""What is decided: plans and their versions, screening, docket, credit approval, execution."""
