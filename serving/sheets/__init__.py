"""The sheets of the workbook, and the columns that it shares with the page and the CSV file."""
