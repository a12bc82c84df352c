create or replace function api.backtest_monte_carlo(
    p_backtest_id uuid,
    p_samples     integer,
    p_method      text,
    p_seed        bigint,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'MONTE_CARLO', jsonb_build_object(
           'samples', p_samples, 'method', p_method, 'seed', p_seed), p_now_at) as f;
$function$;

comment on function api.backtest_monte_carlo(uuid, integer, text, bigint, timestamptz) is
$$Begins the Monte Carlo of a backtest's trades: BOOTSTRAP or PERMUTATION.$$;
