create or replace function api.backtest_proofs()
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
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.strategy_id, f.code_sha256, f.config_hash, f.data_sha256, f.cuts, f.seed,
           f.trials, f.verdict, f.violation, f.proven_by, f.proven_at
      from lab.proofs as f
     order by f.proven_at desc, f.backtest_id, f.cuts, f.seed;
$function$;

comment on function api.backtest_proofs() is
$$Whether strategies looked ahead: every verdict, newest first.$$;
