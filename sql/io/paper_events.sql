create or replace function io.paper_events(
    p_account_id text,
    p_after_no   bigint,
    p_limit      integer
)
returns table (
    event_no bigint,
    message  jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.event_no, f.message
      from sim.list_events(p_account_id, p_after_no, p_limit) as f
     order by f.event_no;
$function$;

comment on function io.paper_events(text, bigint, integer) is
$$Service door to sim.list_events.$$;
