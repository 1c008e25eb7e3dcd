"""Two or more reports side by side, for `credaudit compare`.

document   what every format is drawn from
text       for a terminal
markdown   for a pull request or a ticket
page       one HTML file
"""
