create or replace function run.store_config(
    p_canonical_json text,
    p_now_at         timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_canonical text;
begin
    begin
        v_canonical := core.format_canonical_json(p_canonical_json::jsonb);
    exception
        when invalid_text_representation then
            perform core.raise_error('MQA06', 'not json');
    end;
    perform core.assert_that(
        v_canonical = p_canonical_json, 'MQA06',
        format('%s characters, canonical are %s', length(p_canonical_json), length(v_canonical)));

    insert into run.configs (canonical_json, created_at)
    values (p_canonical_json, p_now_at)
    on conflict (config_hash) do nothing;
    return core.hash_text(p_canonical_json);
end;
$function$;

comment on function run.store_config(text, timestamptz) is
$$Stores a config by its hash; gives the hash. Storing it again changes nothing.
Why: the hash is computed from the text by Postgres; nobody can bind a run to another config.
Raises: MQA06 not json, or not in canonical form; MQA30 it holds a secret.$$;
