create or replace function md.get_complete_session(
    p_run_id uuid,
    p_now_at timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from run.universe as u
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral (
        select s.* from ref.get_closed_session(i.exchange_id, p_now_at) as s) as s
     where u.run_id = p_run_id
       and not exists (
        select from run.universe as other
         where other.run_id = p_run_id
           and not exists (
            select from md.bars as b
             where b.symbol = other.symbol and b.timeframe = '1D' and b.bar_end_at = s.closes_at))
     limit 1;
$function$;

comment on function md.get_complete_session(uuid, timestamptz) is
$$The session that closed last at p_now_at, if every symbol of the run has its bar; null otherwise.
Why: a strategy decides only when it sees the whole bar of every symbol.$$;
