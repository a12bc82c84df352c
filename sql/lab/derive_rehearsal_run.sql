create or replace function lab.derive_rehearsal_run(
    p_backtest lab.backtests
)
returns uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select run.derive_run_id(
               c.config #>> '{engine,engine_id}', 'PAPER', core.hash_text(lab.build_rehearsal(c.config)),
               lab.get_rehearsal_start((p_backtest).dataset_id), 1)
      from run.configs as c
     where c.config_hash = (p_backtest).config_hash;
$function$;

comment on function lab.derive_rehearsal_run(lab.backtests) is
$$The id that the run of a backtest's rehearsal will have.
Why: orders are named after their run, and names break ties; so the backtest is run with these names.$$;
