create or replace function pager.describe_event(
    p_payload jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select left(pager.redact_text(coalesce(string_agg(
               case when e.key = 'reason' then e.value
                    when e.key ~ '_micros$' then replace(left(e.key, -7), '_', ' ') || ' '
                                                 || core.format_micros(e.value::bigint)
                    else replace(e.key, '_', ' ') || ' ' || e.value end,
               ', ' order by e.key <> 'reason', e.key), '')), 250)
      from jsonb_each_text(p_payload) as e
     where e.value <> ''
       and e.key !~ '_seq$|_sha256$|^evidence$|^arguments$';
$function$;

comment on function pager.describe_event(jsonb) is
$$What an event's payload says, in one line of at most 250 characters: the reason first, then every other
value by name, money in dollars; numbers of rows, digests
and evidence stay in the diary. No secret.$$;
