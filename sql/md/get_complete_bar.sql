create or replace function md.get_complete_bar(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on, s.ends_at
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(i.exchange_id, p.timeframe, p_now_at) as s
     where p.run_id = p_run_id
       and not exists (
        select from run.universe as other
         where other.run_id = p_run_id
           and not exists (
            select from md.bars as b
             where b.symbol = other.symbol and b.timeframe = p.timeframe and b.bar_end_at = s.ends_at))
     limit 1;
$function$;

comment on function md.get_complete_bar(uuid, timestamptz) is
$$The slot of a run's timeframe that ended last at p_now_at, if every symbol of the run has its bar; else no
row.
Why: a strategy decides only when it sees the whole bar of every symbol.$$;
