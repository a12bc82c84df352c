-- Deploy mqk:core/error_codes to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table core.error_codes (
    error_code text not null,
    law        text not null,
    fix        text not null,

    constraint error_codes_pkey primary key (error_code),
    constraint error_codes_name_their_kind check (error_code ~ '^MQ[ANSGI][0-9]{2}$'),
    constraint error_codes_say_a_law check (length(law) between 8 and 160),
    constraint error_codes_say_a_fix check (length(fix) between 8 and 300)
);

comment on table core.error_codes is
    $$Every error this desk may raise: the law that was broken and what the caller should do.$$;
comment on column core.error_codes.error_code is
    $$SQLSTATE: MQA argument, MQN not found, MQS state conflict, MQG rule refuses, MQI invariant.$$;

commit;
