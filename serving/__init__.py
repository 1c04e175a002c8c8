"""From risk to what people use: reasons, the risk list, its workbook, the store and the service."""
