create or replace function api.notices_rules()
returns table (
    severity   text,
    channel    text,
    event_name text,
    matching   jsonb,
    quiet_ms   bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.severity, r.channel, r.event_name, r.matching, r.quiet_ms
      from pager.rules as r
     order by array_position(array['CRITICAL', 'WARN', 'INFO'], r.severity), r.channel, r.event_name;
$function$;

comment on function api.notices_rules() is
$$Which events of the diary people are told, on which channel and how urgently.$$;
