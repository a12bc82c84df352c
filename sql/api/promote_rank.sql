create or replace function api.promote_rank(
    p_profile text
)
returns table (
    rank_no      bigint,
    backtest_id  uuid,
    strategy_id  text,
    score        numeric,
    max_drawdown numeric,
    stress_cagr  numeric,
    stability    numeric,
    promotion_id uuid
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.rank_no, (f.promotion).backtest_id, (f.promotion).strategy_id, (f.promotion).score,
           ((f.promotion).measures ->> 'max_drawdown')::numeric,
           ((f.promotion).measures ->> 'stress_cagr')::numeric,
           ((f.promotion).measures ->> 'walk_forward_positive')::numeric, (f.promotion).promotion_id
      from lab.list_promotions(p_profile) as f
     order by f.rank_no;
$function$;

comment on function api.promote_rank(text) is
$$The backtests that a profile promoted, the best first.$$;
