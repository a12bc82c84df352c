create or replace function lab.list_reach_faults(
    p_strategy_id text
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 0, format('%s names %s', f.name, m.found[1])
      from (values ('strat.decide_' || p_strategy_id, lab.find_strategy('strat', p_strategy_id)::oid,
                    '\m(?:audit|ref|run|md|ledger|pager|sim|risk|strat|oms|recon|lab|ops|inv|replay|io|api'
                    '|pg_catalog|information_schema)\s*\.|\mexecute\M|\mpg_[a-z_]+|\mdblink'),
                   ('lab.signal_' || p_strategy_id, lab.find_strategy('lab', p_strategy_id)::oid,
                    '\m(?:audit|ref|run|md|ledger|pager|sim|risk|strat|oms|recon|ops|inv|replay|io|api'
                    '|pg_catalog|information_schema)\s*\.|\mexecute\M|\mpg_[a-z_]+|\mdblink'))
           as f (name, room_function, forbidden)
      join pg_proc as p on p.oid = f.room_function
     cross join lateral regexp_matches(
           coalesce(nullif(p.prosrc, ''), pg_get_function_sqlbody(p.oid)), f.forbidden, 'i')
           as m (found);
$function$;

comment on function lab.list_reach_faults(text) is
$$What a SQL strategy names that it has no business with: a strategy is told what it may see.
strat.decide_<id> may name no room but core, lab.signal_<id> may read the dataset in lab.
Why: the store and the clock stand where a changed future does not reach. No row: nothing.$$;
