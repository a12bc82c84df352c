create or replace function md.list_ended_calendars(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    detail text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('the session calendar of %s has ended', e.exchange_id)
      from (select distinct i.exchange_id
              from run.universe as u
              join ref.instruments as i using (symbol)
             where u.run_id = p_run_id) as e
     where not exists (
        select from ref.sessions as s
         where s.exchange_id = e.exchange_id and s.closes_at > p_now_at)
     order by e.exchange_id;
$function$;

comment on function md.list_ended_calendars(uuid, timestamptz) is
$$The exchanges of a run that have no session any more.
Why: beyond the calendar no bar is ever missing.$$;
