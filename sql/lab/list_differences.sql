create or replace function lab.list_differences(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns table (
    kind        text,
    place       bigint,
    of_backtest text,
    of_run      text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from lab.backtests as b where b.backtest_id = p_backtest_id), 'MQN81',
        p_backtest_id::text);
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return query
    with differing as (
        select coalesce(b.kind, r.kind) as what, coalesce(b.place, r.place) as nth, b.act as ours,
               r.act as theirs
          from lab.list_acts(p_backtest_id) as b
          full join lab.list_run_acts(p_run_id) as r on (r.kind, r.place) = (b.kind, b.place)
         where b.act is distinct from r.act
    ), ranked as (
        select d.*, row_number() over (partition by d.what order by d.nth) as rank from differing as d
    )
    select r.what, r.nth, r.ours, r.theirs
      from ranked as r
     where r.rank <= 5
     order by r.what, r.nth;
end;
$function$;

comment on function lab.list_differences(uuid, uuid) is
$$Where a run did something else than a backtest: the first five acts of each kind that differ (orders,
denials, fills, closed lots, the end), or no row.
Why: the fast path and the live path are one machine only as long as nobody can tell them apart.
Raises: MQN81; MQN02.$$;
