// Danger's own reading of a pull request, and no rule.
markdown('Nothing was asked.')
