create or replace function core.list_secret_rules()
returns table (
    rule_id text,
    pattern text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('ALPACA_KEY_ID', $re$(?<![A-Za-z0-9])(PK|AK|CK)[A-Z0-9]{18,24}(?![A-Za-z0-9])$re$),
        ('ALPACA_SECRET',
         $re$([Kk]ey|KEY|[Ss]ecret|SECRET)["' \w.-]{0,30}[:=]\s*["']?(?![0-9a-f]+["'\s,}]|[0-9a-f]+$)$re$
         || $re$[A-Za-z0-9/+]{40,44}(?![A-Za-z0-9/+])$re$),
        ('TWELVEDATA_KEY',
         $re$([Tt]welve_?[Dd]ata|TWELVE_?DATA|[Aa]pi_?[Kk]ey|API_?KEY)[^\n]{0,30}[^0-9A-Za-z]$re$
         || $re$[0-9a-f]{32}(?![0-9A-Za-z])$re$),
        ('DISCORD_WEBHOOK', $re$discord(app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{60,}$re$),
        ('URL_PASSWORD', $re$://[^/\s:@]+:[^@\s/]+@$re$),
        ('MQK_TOKEN', $re$(?<![A-Za-z0-9])mqk_([a-z]{1,12}_)?[A-Za-z0-9]{24,}$re$),
        ('PEM', $re$-----BEGIN [A-Z]$re$),
        ('JWT', $re$(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}$re$),
        ('AWS_KEY_ID', $re$(?<![A-Za-z0-9])(AKIA[A-Z0-9]{4,}|ASIA[A-Z0-9]{16})$re$),
        ('GITHUB_TOKEN',
         $re$(?<![A-Za-z0-9])(gh[opusr]_[A-Za-z0-9]{4,}|github_pat_[A-Za-z0-9_]{20,})$re$),
        ('GITLAB_TOKEN', $re$(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{2,}$re$),
        ('SLACK_TOKEN',
         $re$(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{3,}$re$
         || $re$|hooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/\w{16,}$re$),
        ('STRIPE_KEY', $re$(?<![A-Za-z0-9-])([rs]k_(live|test)\w*|sk-[A-Za-z0-9_-]{5,})$re$),
        ('PYPI_TOKEN', $re$(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{16,}$re$),
        ('NPM_TOKEN', $re$(?<![A-Za-z0-9])npm_[A-Za-z0-9]{20,}$re$),
        ('NAMED_SECRET',
         $re$([Ss]ecret|SECRET|[Pp]ass(word|wd)|PASSW(OR)?D|[Tt]oken|TOKEN|[Aa]pi_?[Kk]ey|API_?KEY)$re$
         || $re$["']?\s*[:=]\s*["']?(?![A-Z][A-Z0-9_]{2,63}["'\s,}]|[A-Z][A-Z0-9_]{2,63}$)$re$
         || $re$(?=[^\s"',{}]*[0-9])(?=[^\s"',{}]*[A-Za-z])[^\s"',{}]{12,}$re$);
$function$;

comment on function core.list_secret_rules() is
$$What a secret looks like, as regular expressions that Postgres and Python read alike.
Why: one list for the files, the rows and the exports; a name of an environment variable passes.$$;
