-- Deploy mqk:core/code to pg
-- built from sql/core by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

create or replace function core.raise_error(
    p_code   text,
    p_detail text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_law text;
    v_fix text;
begin
    select c.law, c.fix into v_law, v_fix from core.error_codes as c where c.error_code = p_code;
    raise exception using
        errcode = case when v_law is null then 'MQI01' else p_code end,
        message = coalesce(v_law, 'an error code must be registered'),
        detail  = coalesce(case when v_law is null then p_code else p_detail end, ''),
        hint    = coalesce(v_fix || ' ', '') || '(docs/errors.md#' || lower(p_code) || ')';
end;
$function$;

comment on function core.raise_error(text, text) is
$$Raises a registered error: message = its law, detail = the values, hint = the fix.
Why: one wording a law, wherever it is broken.
Raises: p_code; MQI01 when p_code is not in core.error_codes.$$;

create or replace function core.assert_that(
    p_ok     boolean,
    p_code   text,
    p_detail text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_ok is not true then
        perform core.raise_error(p_code, p_detail);
    end if;
end;
$function$;

comment on function core.assert_that(boolean, text, text) is
$$Raises p_code unless p_ok is true; null counts as false.
Why: absence of proof refuses.
Raises: p_code.$$;

create or replace function core.is_clock_near(
    p_now_at timestamptz
)
returns boolean
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select abs(extract(epoch from p_now_at - clock_timestamp())) <= 2;
$function$;

comment on function core.is_clock_near(timestamptz) is
$$Whether a caller's time is within 2 s of the server's clock.
Why: the only reader of the clock in this database, and it can only make something be refused.$$;

create or replace function core.assert_clock_is_near(
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(core.is_clock_near(p_now_at), 'MQA03', p_now_at::text);
end;
$function$;

comment on function core.assert_clock_is_near(timestamptz) is
$$Refuses a caller's time that is more than 2 s from the server's clock.
Why: a worker with a wrong clock must not keep gates open or heartbeats alive.
Raises: MQA03.$$;

create or replace function core.get_boot_at()
returns timestamptz
language sql
stable
parallel safe
return (
    select pg_postmaster_start_time() + (d.oid::text || ' us')::interval
      from pg_database as d
     where d.datname = current_database());

comment on function core.get_boot_at() is
$$When this database's server was started, and as many microseconds later as the database's number: another
server, a promoted standby, a restored backup and a copy beside the original all give another instant.
Why: what was armed before a boot, or in another database, is not armed here; it is only ever compared.$$;

create or replace function core.hash_text(
    p_text text
)
returns text
language sql
immutable
strict
parallel safe
return encode(sha256(replace(p_text, '\', '\\')::bytea), 'hex');

comment on function core.hash_text(text) is
$$SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits.
Why: built from immutable built-ins only, so columns can be generated the same way.$$;

create or replace function core.list_fingerprints()
returns table (
    kind        text,
    name        text,
    source_hash text,
    fingerprint text
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set quote_all_identifiers = off
as $function$
    with room as (
        select n.oid, n.nspname, n.nspacl from pg_namespace as n
         where n.nspowner = 'mqk_owner'::regrole and n.nspname <> 'sqitch'
    ), relation as (
        select c.* from pg_class as c join room as r on r.oid = c.relnamespace
    ), object (kind, name, source, definition) as (
        select 'room', r.nspname::text, null, r.nspacl::text from room as r
         union all
        select 'function', p.oid::regprocedure::text, p.prosrc,
               pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '')
          from pg_proc as p join room as r on r.oid = p.pronamespace
         union all
        select 'relation', c.oid::regclass::text, null,
               concat_ws(' ', c.relkind, c.relacl, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
                         case c.relkind when 'v' then pg_get_viewdef(c.oid)
                                        when 'i' then pg_get_indexdef(c.oid) end)
          from relation as c
         union all
        select 'column', format('%s.%s', a.attrelid::regclass, a.attname), null,
               concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                         a.attgenerated, a.attacl, pg_get_expr(d.adbin, d.adrelid))
          from pg_attribute as a
          join relation as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
          left join pg_attrdef as d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
         where a.attnum > 0 and not a.attisdropped
         union all
        select 'constraint', format('%s %s', k.conrelid::regclass, k.conname), null,
               concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
          from pg_constraint as k join room as r on r.oid = k.connamespace
         union all
        select 'trigger', format('%s %s', t.tgrelid::regclass,
                                 coalesce(k.conname || ' ' || t.tgfoid::regproc, t.tgname)), null,
               concat_ws(' ', t.tgenabled, case when k.oid is null then pg_get_triggerdef(t.oid) end)
          from pg_trigger as t
          join relation as c on c.oid = t.tgrelid
          left join pg_constraint as k on k.oid = t.tgconstraint and t.tgisinternal
         union all
        select 'policy', format('%s %s', p.polrelid::regclass, p.polname), null,
               concat_ws(' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid))
          from pg_policy as p join relation as c on c.oid = p.polrelid
    )
    select o.kind, o.name, core.hash_text(o.source), core.hash_text(coalesce(o.definition, ''))
      from object as o;
$function$;

comment on function core.list_fingerprints() is
$$Everything that keeps a law in our schemas, with grants, as this server prints it: digests of each source
of a function, to compare with the files of the plan, and of each definition, to compare with a fresh
deployment on the same version.
Why the settings: a session in another time zone reads the instants of a constraint otherwise.$$;

create or replace function core.compute_fingerprint()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(string_agg(
               f.kind || ' ' || f.name || ' ' || f.fingerprint, e'\n'
               order by f.kind collate "C", f.name collate "C", f.fingerprint collate "C"))
      from core.list_fingerprints() as f;
$function$;

comment on function core.compute_fingerprint() is
$$SHA-256 over everything that keeps a law in our schemas: functions, tables, columns, constraints,
indexes, views, triggers, policies and grants, as this server prints them.
Why: what was armed is what was deployed; a guard that somebody took off changes the fingerprint.$$;

create or replace function core.get_schema_mark()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_xact bigint := pg_current_xact_id()::text::bigint;
begin
    return (
        with relation as materialized (
            select c.oid, c.xmin, c.relkind from pg_class as c
             where c.relnamespace = any (array(
                       select n.oid from pg_namespace as n where n.nspowner = 'mqk_owner'::regrole))
        ), row_of as (
            select n.xmin from pg_namespace as n
             union all select r.xmin from relation as r
             union all select p.xmin from pg_proc as p
             union all select k.xmin from pg_constraint as k
             union all select t.xmin from pg_trigger as t
             union all select v.xmin from pg_rewrite as v
             union all select p.xmin from pg_policy as p
             union all select d.xmin from pg_attrdef as d
             union all
            select a.xmin from pg_attribute as a
             where a.attnum > 0 and a.attrelid = any (array(
                       select r.oid from relation as r where r.relkind in ('r', 'p')))
        )
        select format('%s:%s', count(*), v_xact - min(age(o.xmin))) from row_of as o);
end;
$function$;

comment on function core.get_schema_mark() is
$$How many rows of the catalog keep our laws, and the transaction that wrote the newest of them: as long as
it stays the same, core.compute_fingerprint gives what it gave, at a fortieth of the cost.
Why in this order: the age of a transaction is counted from our own, which must be there first.$$;

create or replace function core.derive_id(
    p_kind  text,
    p_parts text[]
)
returns uuid
language sql
immutable
strict
parallel safe
return (
    select (substr(h.hex, 1, 12) || '8' || substr(h.hex, 14, 3) || 'a' || substr(h.hex, 18, 15))::uuid
      from core.hash_text('mqk.id.v1' || e'\n' || p_kind || e'\n'
                          || array_to_string(p_parts, e'\n', '')) as h (hex));

comment on function core.derive_id(text, text[]) is
$$A UUID (version 8) derived from a kind and its parts.
Why: ids are a function of what they name, so a replay gives the same ids; nothing is random.$$;

create or replace function core.parse_date(
    p_text text
)
returns date
language sql
immutable
parallel safe
return case
    when p_text ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
     and right(p_text, 2)::integer <= extract(day from
         make_date(left(p_text, 4)::integer, substr(p_text, 6, 2)::integer, 1)
         + interval '1 month' - interval '1 day')
    then make_date(left(p_text, 4)::integer, substr(p_text, 6, 2)::integer, right(p_text, 2)::integer)
end;

comment on function core.parse_date(text) is
$$A date written YYYY-MM-DD, of the years 1000 to 9999; null when it is anything else.
Why: a key that is compared as text cannot be looked up.$$;

create or replace function core.parse_micros(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_text ~ '^-?[0-9]{1,13}(\.[0-9]{1,18})?$' and (p_text::numeric * 1000000) % 1 = 0
    then (p_text::numeric * 1000000)::bigint
end;

comment on function core.parse_micros(text) is
$$Decimal text to micros (1e-6), exactly; null when it is not plain decimal or would be rounded.
Why: money is exact or refused, never rounded in silence.$$;

create or replace function core.parse_shares(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_text ~ '^-?[0-9]{1,15}(\.[0-9]{1,18})?$' and p_text::numeric % 1 = 0
    then p_text::numeric::bigint
end;

comment on function core.parse_shares(text) is
$$Decimal text to whole shares; null when malformed or fractional.
Why: a fraction of a share is a finding, never rounded.$$;

create or replace function core.is_on_tick(
    p_price_micros bigint
)
returns boolean
language sql
immutable
parallel safe
return p_price_micros between 1 and 1000000000000
       and p_price_micros % case when p_price_micros >= 1000000 then 10000 else 100 end = 0;

comment on function core.is_on_tick(bigint) is
$$Whether an order may have this price in micros: positive, at most a million, in whole cents from a dollar
on and in hundredths of a cent below; null for null.
Why: an exchange takes no finer price, and a broker refuses it.$$;

create or replace function core.parse_time(
    p_text text
)
returns timestamptz
language sql
stable
parallel safe
return case
    when core.parse_date(left(p_text, 10)) is not null
     and substr(p_text, 11) ~ ('^[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?'
                               || '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$')
    then p_text::timestamptz
end;

comment on function core.parse_time(text) is
$$ISO 8601 text with an offset to an instant; null when it has no offset, another shape, or is no
moment of the clock.
Why: a time without an offset would be read in the session's zone.$$;

create or replace function core.parse_names(
    p_value jsonb
)
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select case when jsonb_typeof(p_value) = 'array'
                then array(select n.name
                             from jsonb_array_elements_text(p_value) with ordinality as n (name, nth)
                            order by n.nth) end;
$function$;

comment on function core.parse_names(jsonb) is
$$A json array of texts as an array, in order; null when it is no array.$$;

create or replace function core.format_micros(
    p_micros bigint
)
returns text
language sql
immutable
strict
parallel safe
return case when p_micros < 0 then '-' else '' end
    || trunc(abs(p_micros::numeric) / 1000000)::text || '.'
    || lpad((abs(p_micros::numeric) % 1000000)::bigint::text, 6, '0');

comment on function core.format_micros(bigint) is
$$Micros as decimal text with six places, exactly.$$;

create or replace function core.format_iso(
    p_at timestamptz
)
returns text
language sql
immutable
strict
parallel safe
return replace((p_at at time zone 'UTC')::text, ' ', 'T') || 'Z';

comment on function core.format_iso(timestamptz) is
$$An instant as ISO 8601 text in UTC, fractions only where there are any.
Why: reports and digests must not depend on the session's time zone.$$;

create or replace function core.is_apart(
    p_base_micros  bigint,
    p_other_micros bigint,
    p_bps          integer
)
returns boolean
language sql
immutable
parallel safe
return abs(p_other_micros - p_base_micros)::numeric * 10000 > p_base_micros::numeric * p_bps;

comment on function core.is_apart(bigint, bigint, integer) is
$$Whether a price is further from a base price than so many basis points of the base; exactly so far is
not.$$;

create or replace function core.compute_move_bps(
    p_from_micros bigint,
    p_to_micros   bigint
)
returns bigint
language sql
immutable
parallel safe
return trunc((p_to_micros - p_from_micros)::numeric * 10000 / nullif(p_from_micros, 0))::bigint;

comment on function core.compute_move_bps(bigint, bigint) is
$$The way from one price to another in basis points of the first, cut off towards nothing; signed.$$;

create or replace function core.scale_up(
    p_micros bigint,
    p_bps    bigint
)
returns bigint
language sql
immutable
strict
parallel safe
return (p_micros * p_bps + 9999) / 10000;

comment on function core.scale_up(bigint, bigint) is
$$p_bps ten-thousandths of a non-negative amount of micros, rounded up.
Why: costs are rounded once, and against us.
Raises: 22003 on overflow.$$;

create or replace function core.restate_price(
    p_price_micros bigint,
    p_num          numeric,
    p_den          numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_price_micros is not null
            then greatest(round(p_price_micros * p_num / p_den), 1) end::bigint;

comment on function core.restate_price(bigint, numeric, numeric) is
$$A price in micros times one exact ratio, rounded once, half away from zero, at least 1; an unknown price
stays unknown.
Why: after a split a price of before it stands for one of the new shares.$$;

create or replace function core.format_canonical_json(
    p_json jsonb
)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
begin
    return case jsonb_typeof(p_json)
        when 'object' then (
            select '{' || coalesce(string_agg(
                       to_jsonb(e.key)::text || ':' || core.format_canonical_json(e.value), ','
                       order by e.key collate "C"), '') || '}'
              from jsonb_each(p_json) as e (key, value))
        when 'array' then (
            select '[' || coalesce(string_agg(
                       core.format_canonical_json(e.value), ',' order by e.position), '') || ']'
              from jsonb_array_elements(p_json) with ordinality as e (value, position))
        else p_json::text
    end;
end;
$function$;

comment on function core.format_canonical_json(jsonb) is
$$Json with keys in code point order and no white space.
Why: equal configs must have equal hashes on every platform and in every language.$$;

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

create or replace function core.find_secret(
    p_text text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select min(r.rule_id)
      from core.list_secret_rules() as r
     where p_text ~ r.pattern;
$function$;

comment on function core.find_secret(text) is
$$The rule by which a text holds a secret, or null. The first by name when there are several.$$;

create or replace function core.list_secrets(
    p_json jsonb
)
returns table (
    path    text,
    rule_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive nodes (path, key, value) as (
        select '', '', p_json
         union all
        select n.path || '/' || replace(replace(e.key, '~', '~0'), '/', '~1'),
               coalesce(e.name, n.key), e.value
          from nodes as n
          cross join lateral (
            select o.key, o.key as name, o.value
              from jsonb_each(case jsonb_typeof(n.value) when 'object' then n.value else '{}' end) as o
             union all
            select (a.position - 1)::text, null, a.value
              from jsonb_array_elements(
                   case jsonb_typeof(n.value) when 'array' then n.value else '[]' end)
                   with ordinality as a (value, position)) as e
    ), said as (
        select n.path, f.rule_id, core.find_secret(n.key) as in_key
          from nodes as n
          cross join lateral (
            select case when jsonb_typeof(n.value) in ('object', 'array') then core.find_secret(n.key)
                        else core.find_secret(n.key || ': ' || (n.value #>> '{}')) end as rule_id) as f
    )
    select case when s.in_key is null then s.path
                else regexp_replace(s.path, '[^/]*$', 'REDACTED') end,
           s.rule_id
      from said as s
     where s.rule_id is not null
     order by 1;
$function$;

comment on function core.list_secrets(jsonb) is
$$Where a document holds a secret, in a value or in a key: its JSON pointer and the rule, never the secret.
Why: a secret that is stored once is in every copy of the database.$$;

create or replace function core.tg_refuse_change()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.raise_error('MQI04', format('%s on %s.%s', tg_op, tg_table_schema, tg_table_name));
    return null;
end;
$function$;

comment on function core.tg_refuse_change() is
$$Refuses the statement it is attached to.
Why: history tables take inserts only, whoever asks.
Raises: MQI04.$$;

insert into core.error_codes (error_code, law, fix)
values
    ('MQA01', 'an argument is missing', 'Give every argument a value.'),
    ('MQA02', 'a value is out of its range', 'Use a value in the range that the detail names.'),
    ('MQA03', 'a time is within 2 s of the server clock', 'Synchronise the clock of the worker''s machine.'),
    ('MQA05', 'json is an array of objects', 'Send a json array of objects.'),
    ('MQA06', 'a config is canonical json', 'Sort the keys, drop the white space: use `mqk` to send it.'),
    ('MQA07', 'a config obeys every rule', 'Correct the keys that the detail names.'),
    ('MQA08', 'a target names a symbol of the run''s universe, whole shares and the prices of its order type', 'Correct the strategy, or add the symbol to the config.'),
    ('MQA09', 'a bar batch is free of bad rows', 'Correct the rows that the detail names, or ingest with the policy KEEP_GOOD.'),
    ('MQA10', 'a stored session, name or class does not change', 'Compare your file with what is stored (mqk md calendar, mqk md instruments). What changes is a row with a later day; a session to come: mqk md amend-session.'),
    ('MQA66', 'an anchor''s hash is of its own fields', 'Send the line of the anchor file as it is.'),
    ('MQA11', 'the confirmation is the exact words', 'Type the words that preflight prints.'),
    ('MQA12', 'a reason is given', 'Say why, in at most 500 characters.'),
    ('MQA82', 'a signal names a tick and a symbol of the dataset, a kind, whole shares and the prices of its order type', 'Correct the strategy: the detail shows the first that does not.'),
    ('MQA84', 'the config is of the strategy that is proven', 'Set strategy.strategy_id in a layer of the config.'),
    ('MQA85', 'a grid names parameters of the config and lists values of each', 'Use --grid name=1,2,3 or name=from:to:step, with a parameter that the config has.'),
    ('MQA80', 'a backtest follows every rule of its config', 'Switch off what the detail names.'),
    ('MQA81', 'a backtest and its dataset have the same bars', 'Freeze a dataset of the config''s symbols and timeframe: the detail names the dataset''s.'),
    ('MQA86', 'a study has terms that its backtest can bear', 'Change what the detail names, or backtest more bars.'),
    ('MQA89', 'a rehearsal plays its very backtest: bars, config, code', 'Rehearse again with the program that the backtest was run with: mqk promote rehearse. The detail names what was played.'),
    ('MQA87', 'a study and a promotion are of a backtest that ended', 'Run it first: mqk backtest run.'),
    ('MQA20', 'a data file can be read', 'Check the path and its permissions.'),
    ('MQA21', 'a data file is within its size limits', 'Split the file.'),
    ('MQA22', 'a data file is plain UTF-8 text', 'Save it as UTF-8 without BOM, uncompressed.'),
    ('MQA23', 'a data file has the expected header', 'Use the header that the detail names.'),
    ('MQA24', 'every row of a data file has all its fields', 'Correct the line that the detail names.'),
    ('MQA25', 'an artifact can be written', 'Choose another --out, or remove what is in the way.'),
    ('MQA30', 'what is kept names secrets and holds none', 'Revoke what was written down, put it into the environment and write its variable''s name.'),
    ('MQA31', 'a config layer is a plain file of its folder', 'Name a file of config/ without a path, or give your own with --config.'),
    ('MQA32', 'a database URL can be read', 'Write postgresql://USER@HOST/DATABASE, or host=HOST dbname=DATABASE.'),
    ('MQA40', 'announced corporate actions are readable and do not contradict each other', 'Correct the rows that the detail names, or say which action a row cancels.'),
    ('MQA41', 'a forbidden period is SYMBOL FROM TO, of a symbol of the run', 'Correct data.forbid_periods: AAPL 2024-06-03 2024-06-14.'),
    ('MQA60', 'a token is copied whole', 'Copy it again, from mqk_ to its last character; it was shown once.'),
    ('MQA70', 'a feed is asked as it takes it', 'Correct what the detail names.'),
    ('MQA71', 'a feed is asked for a timeframe that it offers', 'Take another timeframe, or another feed.'),
    ('MQA72', 'a first sync says where to begin', 'Say --full-start for the symbols that the detail names.'),
    ('MQN01', 'the chain exists', 'Check the run or engine id.'),
    ('MQN02', 'the run exists', 'List the runs: mqk run list.'),
    ('MQN03', 'the instrument is known', 'Load the instrument first: mqk md load-instruments.'),
    ('MQN04', 'the session calendar covers the day', 'Load the calendar: mqk md load-calendar.'),
    ('MQN05', 'the strategy is registered and enabled', 'Name a strategy of `mqk run strategies`.'),
    ('MQN06', 'the outbox row exists', 'List the orders: mqk orders list.'),
    ('MQN07', 'the paper account exists', 'Open it first: the run that uses it does so.'),
    ('MQN08', 'the paper order exists', 'List the paper orders.'),
    ('MQN82', 'the job of the sweep exists', 'List the sweeps: mqk backtest sweeps.'),
    ('MQN80', 'the dataset exists', 'Freeze it first: mqk backtest freeze.'),
    ('MQN81', 'the backtest exists', 'List the backtests: mqk backtest list.'),
    ('MQN86', 'the study exists', 'Begin one: mqk backtest stress, walk-forward, cross-validate or monte-carlo.'),
    ('MQN87', 'the profile of promotions exists', 'Name MAIN or EXP: mqk promote gates.'),
    ('MQN09', 'the order exists', 'List the orders: mqk orders list.'),
    ('MQN50', 'the bar is stored', 'Name a daily bar by its session, another by the end of it: mqk md status.'),
    ('MQN51', 'there is something to settle about the bar', 'Look at mqk md conflicts and mqk md defects.'),
    ('MQN52', 'the answer was kept', 'Take a hash that mqk md lineage shows.'),
    ('MQN53', 'the ingest exists', 'List the ingests: mqk md ingests.'),
    ('MQN11', 'the corporate action stands', 'List the actions: mqk md actions.'),
    ('MQN12', 'there is a bar of the session', 'Look at the bars: mqk md status.'),
    ('MQN60', 'the token exists', 'List the tokens: mqk token list.'),
    ('MQN61', 'the login exists', 'Make the login first: docs/dba.md.'),
    ('MQN70', 'the feed exists', 'List the feeds: mqk md feeds.'),
    ('MQN71', 'the feed knows the symbol', 'Correct the symbol, or take another feed for it.'),
    ('MQN10', 'the engine exists', 'Look at the runs: mqk run list.'),
    ('MQN20', 'a benchmark is a listed index or ETF', 'Name another data.benchmark_symbol, or load it: mqk md load-instruments.'),
    ('MQS01', 'the run may make this move from where it stands', 'Look at the run: mqk run show.'),
    ('MQS02', 'the run is running', 'Arm and begin the run.'),
    ('MQS03', 'the outbox row is where this call expects it', 'Re-read the row: another worker was first.'),
    ('MQS04', 'one run at a time trades an account', 'Stop the other run first.'),
    ('MQS06', 'a paper order that has ended cannot be changed', 'Nothing to do: the order has ended.'),
    ('MQS07', 'a paper account keeps its terms', 'Open another account for other terms.'),
    ('MQS08', 'the run''s database may not be changed while a LIVE run is active', 'Stop the LIVE run first, or say --yes.'),
    ('MQS09', 'an exported artifact is not changed', 'Say --replace, or choose another --out.'),
    ('MQS10', 'one package brings a strategy name', 'Uninstall one of the packages.'),
    ('MQS12', 'an engine trades in one mode at a time', 'Stop its runs first: mqk run stop.'),
    ('MQS11', 'an engine trades one account live, and the account no other engine', 'Use the engine''s own account, or an engine of its own for this one.'),
    ('MQS86', 'a step of a study is asked of the code that its backtest was run with', 'Run the backtest and the study again with the strategy as it is now.'),
    ('MQS88', 'a backtest is opened on bars on which a run would not halt', 'Load the corporate action (mqk md load-actions), settle the bar (mqk md resolve), or set its policy to IGNORE.'),
    ('MQS89', 'the same program plays the same backtest the same way', 'Find out what the two rehearsals had different: the detail is the digest of the first.'),
    ('MQS80', 'a strategy outside the database gives its signals of a backtest once, before it is run', 'Open a backtest of the changed strategy: its code makes it another one.'),
    ('MQS81', 'a strategy outside the database has given its signals before its backtest is run', 'Use mqk backtest run: it asks the strategy.'),
    ('MQS82', 'what is proven is a backtest that has ended, of the code that is there', 'Run the backtest again: mqk backtest run.'),
    ('MQS83', 'every cut of a proof has been tried with every future', 'Use mqk backtest prove-lookahead: it tries them all.'),
    ('MQS84', 'a job of a sweep is ended by the worker that claimed it last', 'Nothing to do: another worker has it.'),
    ('MQS85', 'the workers of a sweep run until it has ended', 'Give the same command again: it goes on where it stopped.'),
    ('MQS19', 'code is not changed under a run that is armed or running', 'Stop the runs first: mqk run stop. Then deploy, and arm anew.'),
    ('MQS13', 'a corporate action that a run has booked is not cancelled', 'Stop the runs that the detail names; correct the books by a new run.'),
    ('MQS20', 'a session is amended before it takes place', 'Nothing to do: what has opened or closed, or has a bar, stays.'),
    ('MQS60', 'a token is rotated once, while it lives', 'Issue a new one: mqk token issue.'),
    ('MQS70', 'a feed is asked within its limits', 'Ask again later, or for less.'),
    ('MQS71', 'a feed answers', 'Wait; look at the provider''s status page.'),
    ('MQS72', 'a feed answers what it was asked, in a form that can be read', 'Ask again; if it stays, the provider has changed its form.'),
    ('MQS73', 'one package brings a feed''s name', 'Uninstall one of the packages.'),
    ('MQG01', 'a gate is shut, the run may not trade', 'Ask why: mqk why.'),
    ('MQG02', 'a permit is given once, durable and in time', 'Leave the row: it is resolved by looking the order up at the broker.'),
    ('MQG03', 'preflight passes before arming', 'Clear the failed checks: mqk run preflight.'),
    ('MQG04', 'a LIVE run needs a second person''s approval', 'Ask an approver: mqk run approve.'),
    ('MQG05', 'the paper broker refuses the order', 'Read the reason; correct the order.'),
    ('MQG06', 'a halted run is cleared before it is armed', 'Investigate, then mqk run clear-halted with a reason.'),
    ('MQG07', 'a halt is cleared only when nothing is unresolved', 'Let the gateway resolve ambiguous orders, or settle them with the broker.'),
    ('MQG08', 'a worker acts only while it leads its kind', 'Leave it: another worker leads, or this one takes the lease again.'),
    ('MQG09', 'a worker leads only its own kind', 'Log in as a member of the group that docs/dba.md names for this worker.'),
    ('MQG10', 'a run is armed by the server that begins it', 'The database server was started since: mqk run stop, preflight, arm, begin.'),
    ('MQG11', 'a running desk is joined by the program it was armed with', 'Start the worker of that version; or stop the run, start all workers anew, and arm it again.'),
    ('MQG12', 'a run begins on the schema that it was armed on', 'Look at what was deployed since; then mqk run stop, preflight, arm, begin.'),
    ('MQG13', 'every worker of a running run shows a sign of life', 'Start the workers that the detail names; a run that was halted must be cleared.'),
    ('MQG14', 'a run begins within a quarter of an hour of its arming', 'What was proven then is old: mqk run stop, preflight, arm, begin.'),
    ('MQG22', 'a desk decides while fewer than 1000 of its requests wait', 'Look at the gateway: mqk why tells what keeps the requests; mqk orders cancel-all ends them.'),
    ('MQG80', 'a LIVE run trades what was promoted', 'Promote a backtest of its strategy, parameters and limits: mqk promote judge.'),
    ('MQG81', 'a backtest passes every gate of its profile', 'Mend what the reasons name: mqk promote gates.'),
    ('MQG20', 'the account behind the keys is the account of the run', 'Give the keys of the run''s account, or make a run for this one.'),
    ('MQG83', 'a rehearsal does what its backtest did', 'Look at what the detail names: a bar that came late, a strategy that looks ahead.'),
    ('MQG82', 'LOOKAHEAD_VIOLATION: a decision hangs only on bars that have closed', 'Correct the strategy: the detail shows the first that does not.'),
    ('MQG21', 'the broker accepts the keys', 'Look at the key and its secret in the environment; they may have been revoked.'),
    ('MQG30', 'every secret that the run names is set', 'Set the variables that the detail names, for this worker only.'),
    ('MQG60', 'a worker''s login has no power beyond its door', 'Make a login in the group that docs/dba.md names for this worker, and no other.'),
    ('MQG61', 'a token is valid and covers what is asked', 'Issue one with the scope: mqk token issue.'),
    ('MQG62', 'tokens are not guessed', 'Wait a minute; look at mqk audit actions and mqk token list.'),
    ('MQG63', 'a token has no power that its issuer lacks', 'Let the person whose token it is issue or rotate it.'),
    ('MQG64', 'the ground that a desk stands on is sound', 'Do what stands beside each, then again.'),
    ('MQG66', 'the anchor file and the database end with the same anchor', 'Find out which of the two lost anchors, before anything is signed again: docs/audit.md.'),
    ('MQG67', 'an anchor is signed by the desk''s key', 'Give the anchor worker MQK_ANCHOR_KEY: mqk audit keygen.'),
    ('MQG65', 'who knows of some engines only sets no scope', 'Ask an operator who knows of all engines.'),
    ('MQG70', 'the feed accepts the key', 'Look at the key in the environment, and at its plan.'),
    ('MQI01', 'an error code must be registered', 'Register the code in core.error_codes.'),
    ('MQI02', 'a held symbol has a mark', 'Ingest the missing bars; the run must not trade blind.'),
    ('MQI03', 'a position equals its open lots', 'Halt, export the audit and report a defect.'),
    ('MQI04', 'history is not rewritten', 'Append a correction instead.'),
    ('MQI82', 'a clean proof has no trial that shows a difference', 'Report a defect: the verdict was not written.'),
    ('MQI83', 'a job of a sweep ends once, with the backtest of its config', 'Report a defect: the result was not written.'),
    ('MQI05', 'every promise holds', 'Halt the run, export the audit and report a defect: mqk run halt.'),
    ('MQI90', 'state is the fold of the diary', 'Halt, export the log (mqk replay --export), keep the database as it is and find out who wrote.'),
    ('MQI06', 'a bar names an instrument and an ingest that exist', 'Halt, export the audit and report a defect.')
on conflict (error_code) do update
   set law = excluded.law, fix = excluded.fix;

commit;
