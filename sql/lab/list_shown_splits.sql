create or replace function lab.list_shown_splits(
    p_backtest lab.backtests,
    p_cut_tick integer,
    p_poison   text
)
returns setof lab.splits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from run.configs as c
     cross join lateral lab.poison_splits((p_backtest).dataset_id, p_cut_tick, p_poison) as s
     where c.config_hash = (p_backtest).config_hash and c.config #>> '{data,adjustment}' <> 'RAW';
$function$;

comment on function lab.list_shown_splits(lab.backtests, integer, text) is
$$The splits over which the windows of a backtest are restated: those of its dataset, with another future
after p_cut_tick if p_poison says so; none if its config wants bars as they traded.$$;
