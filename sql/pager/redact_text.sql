create or replace function pager.redact_text(
    p_text text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
           p_text,
           '(https?://[^\s/]+/api/(?:v\d+/)?webhooks/)\S+', '\1***', 'gi'),
           '(://)[^\s/@]+@', '\1***@', 'g'),
           '((?:secret|password|passwd|token|api[_-]?key|authorization|bearer)["'']?\s*[:= ]\s*["'']?)'
           '[^\s"'',;]+', '\1***', 'gi'),
           '\m(?:PK|AK|CK)[A-Z0-9]{14,}\M', '***', 'g'),
           '(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,63}|[A-Za-z0-9+/]{65,})(?![A-Za-z0-9+/])', '***', 'g');
$function$;

comment on function pager.redact_text(text) is
$$A text without what looks like a secret: webhooks, passwords in URLs, what follows secret, token, key or
password, key ids of brokers, and runs of 40 letters and digits or more (but for digests, which have 64).
Why: reasons quote what a broker answered, and a notice leaves the house.$$;
