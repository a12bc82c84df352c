create or replace function lab.judge_parity(
    p_backtest_id uuid,
    p_run_id      uuid,
    p_now_at      timestamptz
)
returns lab.parities
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_parity lab.parities;
begin
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'), 'MQA87',
        coalesce(p_backtest_id::text, 'null'));
    insert into lab.parities (backtest_id, run_id, digest, last_seq, differences, judged_at)
    select b.backtest_id, r.run_id, b.digest,
           (select h.last_seq from audit.chains as h where h.chain_id = r.run_id),
           (select count(*) from lab.list_differences(b.backtest_id, r.run_id))
           + (x.terms_hash <> y.terms_hash)::integer
           + (x.config -> 'execution' is distinct from y.config -> 'execution')::integer, p_now_at
      from lab.backtests as b
      join run.configs as x using (config_hash)
     cross join run.runs as r
      join run.configs as y on y.config_hash = r.config_hash
     where b.backtest_id = p_backtest_id and r.run_id = p_run_id
    on conflict (backtest_id, run_id, last_seq) do nothing;
    select p.* into v_parity from lab.parities as p
     where p.backtest_id = p_backtest_id and p.run_id = p_run_id
     order by p.last_seq desc limit 1;
    perform core.assert_that(found, 'MQN02', coalesce(p_run_id::text, 'null'));
    return v_parity;
end;
$function$;

comment on function lab.judge_parity(uuid, uuid, timestamptz) is
$$Compares a backtest with a run through the real doors and keeps how many acts differ; other terms or costs
count as differences, too. While the run's chain stands still, the verdict stands.
Raises: MQA87; MQN02; MQN81.$$;
