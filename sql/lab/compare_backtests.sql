create or replace function lab.compare_backtests(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    part      text,
    name      text,
    of_first  text,
    of_second text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text := (select string_agg(w.id::text, ', ') from unnest(array[p_first_id, p_second_id]) as w (id)
                    where not exists (select from lab.backtests as b
                                       where b.backtest_id = w.id and b.backtest_status <> 'CREATED'));
begin
    perform core.assert_that(v_bad is null, 'MQN81', v_bad);
    return query
    with pair as (
        select to_jsonb(a) || to_jsonb(d) as a, to_jsonb(b) || to_jsonb(e) as b, c.config as config_a,
               f.config as config_b
          from lab.backtests as a
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
          join lab.backtests as b on b.backtest_id = p_second_id
          join lab.datasets as e on e.dataset_id = b.dataset_id
          join run.configs as f on f.config_hash = b.config_hash
         where a.backtest_id = p_first_id
    ), figures as (
        select a.key, a.value as ours, b.value as theirs,
               row_number() over (order by a.key collate "C") as nth
          from jsonb_each_text(lab.describe_backtest(p_first_id)) as a
          join jsonb_each_text(lab.describe_backtest(p_second_id)) as b using (key)
    ), said as (
        select 1 as part_no, 'backtest' as part, k.key as name, p.a ->> k.key as ours,
               p.b ->> k.key as theirs, k.nth
          from pair as p
         cross join unnest(array[
               'backtest_id', 'strategy_id', 'backtest_status', 'halt_reason', 'timeframe', 'symbols',
               'from_on', 'to_on', 'data_sha256', 'config_hash', 'digest'])
               with ordinality as k (key, nth)
         union all
        select 2, 'figure', f.key, f.ours, f.theirs, f.nth from figures as f where f.key <> 'undefined'
         union all
        select 3, 'config', l.path, l.of_first, l.of_second, row_number() over (order by l.path collate "C")
          from pair as p cross join lateral lab.list_config_differences(p.config_a, p.config_b) as l
         union all
        select 4, 'first differing ' || l.kind, l.place::text, l.of_first, l.of_second, 0
          from lab.list_first_differences(p_first_id, p_second_id) as l
    )
    select s.part, s.name, s.ours, s.theirs from said as s order by s.part_no, s.nth, s.part collate "C";
end;
$function$;

comment on function lab.compare_backtests(uuid, uuid) is
$$Two backtests that ended, side by side: what they were run on, every figure, the keys in which their
configs differ, and of each kind of act the first that differs.
Raises: MQN81 naming those that are not there or have not ended.$$;
