create or replace function run.derive_run_id(
    p_engine_id   text,
    p_mode        text,
    p_config_hash text,
    p_as_of_at    timestamptz,
    p_run_seq     bigint
)
returns uuid
language sql
immutable
parallel safe
return core.derive_id('run', array[
    p_engine_id, p_mode, p_config_hash, core.format_iso(p_as_of_at), p_run_seq::text]);

comment on function run.derive_run_id(text, text, text, timestamptz, bigint) is
$$The id of an engine's p_run_seq-th run: the same acts give the same id.$$;
