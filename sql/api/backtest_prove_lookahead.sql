create or replace function api.backtest_prove_lookahead(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    strategy_id text,
    code_sha256 text,
    config_hash text,
    data_sha256 text,
    cuts        integer,
    seed        integer,
    trials      integer,
    verdict     text,
    violation   text,
    proven_by   text,
    proven_at   timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.strategy_id, f.code_sha256, f.config_hash, f.data_sha256, f.cuts, f.seed,
           f.trials, f.verdict, f.violation, f.proven_by, f.proven_at
      from lab.prove_lookahead(p_backtest_id, p_cuts, p_seed, p_now_at) as f;
$function$;

comment on function api.backtest_prove_lookahead(uuid, integer, integer, timestamptz) is
$$Judges whether the strategy of a backtest looked ahead, and keeps the verdict.$$;
