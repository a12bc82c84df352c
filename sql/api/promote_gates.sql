create or replace function api.promote_gates(
    p_profile text
)
returns table (
    measure   text,
    is_least  boolean,
    threshold numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.measure, f.is_least, f.threshold
      from lab.list_gates(p_profile) as f
     order by f.gate_no;
$function$;

comment on function api.promote_gates(text) is
$$The gates of a profile.$$;
