create or replace function ops.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_code_sha256    text,
    p_now_at         timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb;
    v_set    lab.datasets;
    v_bad    text;
begin
    perform core.assert_that(
        num_nulls(p_dataset_id, p_canonical_json, p_now_at) = 0, 'MQA01', 'dataset_id, config, now_at');
    perform run.store_config(p_canonical_json, p_now_at);
    v_config := p_canonical_json::jsonb;
    select string_agg(format('CONFIG_%s %s %s', c.rule, c.path, c.problem), '; ') into v_bad
      from ops.check_config(v_config) as c
     where c.is_fatal;
    perform core.assert_that(v_bad is null, 'MQA07', v_bad);
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_dataset_id;
    perform core.assert_that(found, 'MQN80', p_dataset_id::text);
    perform core.assert_that(
        v_config #>> '{data,timeframe}' = v_set.timeframe
        and v_set.symbols = array(
            select distinct s.value collate "C"
              from jsonb_array_elements_text(v_config #> '{strategy,symbols}') as s order by 1),
        'MQA81', format('%s %s', v_set.timeframe, array_to_string(v_set.symbols, ', ')));
    return lab.open_backtest(p_dataset_id, p_canonical_json, p_code_sha256, 0, p_now_at);
end;
$function$;

comment on function ops.open_backtest(uuid, text, text, timestamptz) is
$$Opens the backtest of a config on a dataset: the very config that a run would be created from.
p_code_sha256: the digest of a strategy outside the database.
Raises: MQA01; MQA06; MQA07 naming every fault; MQA30 a secret; MQA80; MQA81 another timeframe or other
symbols than those of the dataset; MQN80.$$;
